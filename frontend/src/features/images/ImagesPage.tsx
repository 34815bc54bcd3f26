import { PageHeading } from "../../components/PageHeading";
import { useInfo } from "../../operations/useInfo";
import { texts } from "../../texts";
import { ImageTable } from "./ImageTable";

export function ImagesPage() {
  const mayLaunch = useInfo().data?.capabilities.servers === true;
  return (
    <>
      <PageHeading title={texts.shell.environments} />
      <ImageTable mayLaunch={mayLaunch} />
    </>
  );
}
