import { PageHeading } from "../../components/PageHeading";

export function ImagePage() {
  return <PageHeading title="Environment" />;
}
