/** Files by which a repository says what to install, where repo2docker looks for them. */
const CONFIGURATION =
  /(?:^|[\s"'=])(?:src\/|\.\/)?((?:\.?binder\/)?(?:environment\.ya?ml|requirements3?\.txt|apt\.txt|postBuild|runtime\.txt|(?:Julia)?Project\.toml|REQUIRE|install\.R|DESCRIPTION|setup\.py|Pipfile(?:\.lock)?|default\.nix))(?=$|[\s"',:;)])/;

/** The file that is named in the first of these texts that names one; empty where none does. */
export function fileToMend(texts: readonly string[]): string {
  return texts.map((text) => CONFIGURATION.exec(text)?.[1] ?? "").find(Boolean) ?? "";
}
