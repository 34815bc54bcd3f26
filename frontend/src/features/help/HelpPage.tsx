import { PageHeading } from "../../components/PageHeading";

export function HelpPage() {
  return <PageHeading title="Help" />;
}
