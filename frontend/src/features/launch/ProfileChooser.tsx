import { RadioCard, SimpleGrid } from "@chakra-ui/react";
import type { Profile } from "../../api/types";
import { launch as words } from "../../texts/launch";
import { limits } from "./limits";

interface Props {
  profiles: readonly Profile[];
  /** Whether it may be left to the hub; not where the administrator has said what is to be, unless another is chosen. */
  mayBeHubs: boolean;
  /** The slug of the one that is chosen; empty leaves it to the hub. */
  chosen: string;
  onChoose: (slug: string) => void;
}

const HUBS_OWN: Profile = { slug: "", title: words.hubsOwn, description: "", cpu: 0, memory: 0, node_selector: {} };

/** How much the server may use, as the administrator offers it. */
export function ProfileChooser({ profiles, mayBeHubs, chosen, onChoose }: Props) {
  return (
    <RadioCard.Root value={chosen} onValueChange={({ value }) => onChoose(value ?? "")} size="sm">
      <RadioCard.Label>{words.size}</RadioCard.Label>
      <SimpleGrid minChildWidth="14rem" gap="3">
        {[...(mayBeHubs ? [HUBS_OWN] : []), ...profiles].map((profile) => (
          <RadioCard.Item key={profile.slug} value={profile.slug} focusVisibleRing="outside">
            <RadioCard.ItemHiddenInput />
            <RadioCard.ItemControl>
              <RadioCard.ItemContent>
                <RadioCard.ItemText>{profile.title || profile.slug}</RadioCard.ItemText>
                <RadioCard.ItemDescription>
                  {[profile.description, limits(profile)].filter(Boolean).join(" · ")}
                </RadioCard.ItemDescription>
              </RadioCard.ItemContent>
              <RadioCard.ItemIndicator />
            </RadioCard.ItemControl>
          </RadioCard.Item>
        ))}
      </SimpleGrid>
    </RadioCard.Root>
  );
}
