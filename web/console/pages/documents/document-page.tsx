import {Page} from '../../components/page';
import {Loading} from '../../components/states';

export function DocumentPage() {
  return (
    <Page title="Document">
      <Loading label="Document" />
    </Page>
  );
}
