import { Button, Field, HStack, Input, Stack } from "@chakra-ui/react";
import { type FormEvent, useState } from "react";
import type { Image, Profile } from "../../api/types";
import type { ServerWish } from "../../api/types";
import { launch as words } from "../../texts/launch";
import { ProfileChooser } from "./ProfileChooser";
import type { Wish } from "./wish";

interface Props {
  image: Image;
  wish: Wish;
  profiles: readonly Profile[];
  canStart: boolean;
  onStart: (wish: ServerWish) => void;
  /** Builds what is newer; missing where there is nothing newer, or who is signed in may not build. */
  onBuild: (() => void) | undefined;
}

/** What else there is to choose, and the button without which nothing starts. */
export function LaunchForm({ image, wish, profiles, canStart, onStart, onBuild }: Props) {
  const isOffered = (slug: string) => profiles.some((profile) => profile.slug === slug);
  const [chosen, setChosen] = useState<string>();
  const profile = chosen ?? [wish.profile, image.profile].find(isOffered) ?? "";
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const path = String(new FormData(event.currentTarget).get("path")).trim();
    onStart({ image: image.id, ...(profile && { profile }), ...(path && { path }) });
  };
  return (
    <Stack asChild gap="6">
      <form onSubmit={submit}>
        {canStart && profiles.length > 0 && (
          <ProfileChooser
            profiles={profiles}
            mayBeHubs={!isOffered(image.profile)}
            chosen={profile}
            onChoose={setChosen}
          />
        )}
        {canStart && <PathField path={wish.path} />}
        <HStack gap="3" wrap="wrap">
          {canStart && (
            <Button type="submit">{onBuild ? words.startBuilt : words.start}</Button>
          )}
          {onBuild && (
            <Button variant="outline" onClick={onBuild}>
              {words.buildNewest}
            </Button>
          )}
        </HStack>
      </form>
    </Stack>
  );
}

function PathField({ path }: { path: string }) {
  return (
    <Field.Root maxW="lg">
      <Field.Label>{words.open}</Field.Label>
      <Input name="path" defaultValue={path} autoCapitalize="none" autoComplete="off" spellCheck="false" />
      <Field.HelperText>
        {words.openHint}
      </Field.HelperText>
    </Field.Root>
  );
}
