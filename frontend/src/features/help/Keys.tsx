import { AllKeys } from "../../components/keys/AllKeys";
import { Section } from "../../components/Section";
import { keys } from "../../texts/keys";

/** Which keys do something, and whether single ones do. */
export function Keys() {
  return (
    <Section title={keys.title}>
      <AllKeys />
    </Section>
  );
}
