import {Page} from '../../components/page';
import {Loading} from '../../components/states';

export function TopicPage() {
  return (
    <Page title="Topic">
      <Loading label="Topic" />
    </Page>
  );
}
