import { Alert, Link } from "@chakra-ui/react";
import { Link as RouteLink } from "wouter";
import { texts } from "../../texts";
import type { Rebuilds } from "./useRebuilds";

/** What became of builds that were asked for here. */
export function RebuildNote({ rebuilds: { begun, refused } }: { rebuilds: Rebuilds }) {
  const words = texts.images;
  if (begun === undefined) {
    return null;
  }
  return (
    <Alert.Root status={refused.length > 0 ? "warning" : "success"} role="status" mb="4">
      <Alert.Indicator />
      <Alert.Content>
        {begun > 0 && (
          <Alert.Title>
            {words.rebuilding(begun)}{" "}
            <Link asChild variant="underline">
              <RouteLink href="/builds">{words.toBuilds}</RouteLink>
            </Link>
          </Alert.Title>
        )}
        {refused.map((sentence) => (
          <Alert.Description key={sentence}>{sentence}</Alert.Description>
        ))}
      </Alert.Content>
    </Alert.Root>
  );
}
