export function Logo() {
  return <img src="/favicon.svg" width={24} height={24} alt="" />;
}
