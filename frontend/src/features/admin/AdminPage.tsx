import { PageHeading } from "../../components/PageHeading";

export function AdminPage() {
  return <PageHeading title="Administration" />;
}
