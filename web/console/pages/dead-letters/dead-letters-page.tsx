import {Page} from '../../components/page';
import {Loading} from '../../components/states';

export function DeadLettersPage() {
  return (
    <Page title="Dead letters">
      <Loading label="Dead letters" />
    </Page>
  );
}
