import { Field, Image as Picture, Input, Stack, Text } from "@chakra-ui/react";
import { useState } from "react";
import type { Image } from "../../api/types";
import { texts } from "../../texts";
import { CopyField } from "../CopyField";
import { OpenDialog } from "../OpenDialog";
import { badgeAddress, type Form, formsOf, launchLink } from "./forms";
import { VersionChoice } from "./VersionChoice";

interface Props {
  image: Image;
  opener: HTMLElement;
  onClosed: () => void;
}

const FORMS: readonly Form[] = ["link", "markdown", "rst", "html"];

/** Gives the link to an environment, and badges that lead to it. */
export function ShareDialog({ image, opener, onClosed }: Props) {
  const words = texts.share;
  const [isExact, setIsExact] = useState(image.ref === image.commit);
  const [path, setPath] = useState("");
  const link = launchLink(image, { isExact, path });
  const forms = formsOf(link, words.badge);
  return (
    <OpenDialog title={words.title} size="lg" opener={opener} onClosed={onClosed}>
      <Stack gap="4">
        <Text color="fg.muted">{image.private ? words.private : words.hint}</Text>
        {image.build_args.length === 0 && <VersionChoice image={image} isExact={isExact} onChange={setIsExact} />}
        <Field.Root>
          <Field.Label>{words.path}</Field.Label>
          <Input
            size="sm"
            value={path}
            onChange={({ currentTarget }) => setPath(currentTarget.value)}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck="false"
          />
          <Field.HelperText>{words.pathHint}</Field.HelperText>
        </Field.Root>
        {FORMS.map((form) => (
          <CopyField key={form} label={words.forms[form]} value={forms[form]} isLong={form === "rst"} />
        ))}
        <Stack gap="1">
          <Text textStyle="sm" fontWeight="medium">
            {words.preview}
          </Text>
          <a href={link}>
            <Picture src={badgeAddress()} alt={words.badge} height="6" />
          </a>
        </Stack>
      </Stack>
    </OpenDialog>
  );
}
