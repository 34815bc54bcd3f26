import { Code, Link, List, Stack, Text } from "@chakra-ui/react";
import { PageHeading } from "../../components/PageHeading";
import { Section } from "../../components/Section";
import { help } from "../../texts/help";
import { Keys } from "./Keys";
import { Meanings } from "./Meanings";

/** How to use all this. */
export function HelpPage() {
  const { addresses, data, files, privateOnes, links, more, start } = help;
  return (
    <>
      <PageHeading title={help.title} />
      <Stack gap="10" maxW="4xl">
        <Section title={start.title}>
          <List.Root as="ol" ps="5" gap="1">
            {start.steps.map((step) => (
              <List.Item key={step}>{step}</List.Item>
            ))}
          </List.Root>
        </Section>
        <Section title={addresses.title}>
          <Text>{addresses.hint}</Text>
          <Meanings title={addresses.title} heads={[addresses.column.form, addresses.column.meaning]} rows={addresses.forms} />
          <Text>{addresses.doi}</Text>
        </Section>
        <Section title={files.title}>
          <Text>
            {files.hint[0]} <Code colorPalette="gray">binder</Code> or <Code colorPalette="gray">.binder</Code> {files.hint[1]}
          </Text>
          <Meanings title={files.title} heads={[files.column.file, files.column.meaning]} rows={files.rows} />
          <Text>
            {files.server} <Outside href={more.filesAddress}>{files.more}</Outside>
          </Text>
        </Section>
        <Section title={privateOnes.title}>
          {privateOnes.paragraphs.map((paragraph) => (
            <Text key={paragraph}>{paragraph}</Text>
          ))}
        </Section>
        <Section title={data.title}>
          {data.paragraphs.map((paragraph) => (
            <Text key={paragraph}>{paragraph}</Text>
          ))}
        </Section>
        <Section title={links.title}>
          <Text>{links.hint}</Text>
        </Section>
        <Keys />
        <Section title={more.title}>
          <List.Root ps="5" gap="1">
            <List.Item>
              <Outside href={more.repo2dockerAddress}>{more.repo2docker}</Outside>
            </List.Item>
            <List.Item>
              <Link href="api/v1/openapi.json" variant="underline">
                {more.api}
              </Link>
            </List.Item>
          </List.Root>
        </Section>
      </Stack>
    </>
  );
}

function Outside({ href, children }: { href: string; children: string }) {
  return (
    <Link href={href} rel="noreferrer" target="_blank" variant="underline">
      {children}
    </Link>
  );
}
