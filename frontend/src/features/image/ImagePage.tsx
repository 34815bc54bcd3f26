import { Stack } from "@chakra-ui/react";
import { Problem } from "../../api/problem";
import type { Me } from "../../api/types";
import { LoadingRows } from "../../components/LoadingRows";
import { PageHeading } from "../../components/PageHeading";
import { ProblemAlert } from "../../components/ProblemAlert";
import { ToEnvironments } from "../../components/ToEnvironments";
import { useImage } from "../../operations/useImage";
import { useImageChanges } from "../../operations/useImageChanges";
import { texts } from "../../texts";
import { Details } from "./Details";

interface Props {
  me: Me;
  parameters: Readonly<Record<string, string | undefined>>;
}

/** One environment: what it is, and what can be done with it. */
export function ImagePage({ me, parameters: { id = "" } }: Props) {
  const words = texts.image;
  const { data: image, error, refetch } = useImage(id);
  useImageChanges();
  if (error instanceof Problem && error.status === 404) {
    return (
      <>
        <PageHeading title={words.gone} hint={words.goneHint} />
        <ToEnvironments />
      </>
    );
  }
  if (!image) {
    return (
      <>
        <PageHeading title={words.title} />
        {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <LoadingRows label={words.loading} />}
      </>
    );
  }
  return (
    <Stack gap="0">
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      <Details key={image.id} me={me} image={image} />
    </Stack>
  );
}
