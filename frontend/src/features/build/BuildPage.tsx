import { Button } from "@chakra-ui/react";
import { Link } from "wouter";
import { Problem } from "../../api/problem";
import type { Me } from "../../api/types";
import { LoadingRows } from "../../components/LoadingRows";
import { PageHeading } from "../../components/PageHeading";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useOneBuild } from "../../operations/useOneBuild";
import { texts } from "../../texts";
import { BuildView } from "./BuildView";

interface Props {
  me: Me;
  parameters: Readonly<Record<string, string | undefined>>;
}

export function BuildPage({ me, parameters: { id = "" } }: Props) {
  const { data: build, error, refetch } = useOneBuild(id);
  if (build) {
    return <BuildView key={id} build={build} me={me} />;
  }
  if (error instanceof Problem && (error.status === 404 || error.status === 410)) {
    return (
      <>
        <PageHeading title={texts.build.gone} hint={texts.build.goneHint} />
        <Button asChild>
          <Link href="/builds">{texts.build.toBuilds}</Link>
        </Button>
      </>
    );
  }
  return (
    <>
      <PageHeading title={texts.build.heading(id.slice(0, 8))} />
      {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <LoadingRows label={texts.build.loading} />}
    </>
  );
}
