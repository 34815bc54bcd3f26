import { Skeleton, Stack } from "@chakra-ui/react";
import { Loading } from "./Loading";

interface Props {
  label: string;
  rows?: number;
}

/** What stands for rows that are being loaded, as high as they will be. */
export function LoadingRows({ label, rows = 6 }: Props) {
  return (
    <Loading>
      <Stack gap="3" role="status" aria-label={label}>
        {Array.from({ length: rows }, (_, row) => (
          <Skeleton key={row} height="14" />
        ))}
      </Stack>
    </Loading>
  );
}
