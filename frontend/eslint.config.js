import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import typescript from "typescript-eslint";

/** Each knows only those before it. */
const LAYERS = ["texts", "api", "operations", "components", "features", "app"];
const COMPONENT = "ExportNamedDeclaration[declaration.type='FunctionDeclaration'][declaration.id.name=/^[A-Z]/]";

function layer(name, place) {
  const above = LAYERS.slice(place + 1).join("|");
  const refused = above ? [[`^(\\.\\./)+(${above})(/|$)`, `What is in ${name}/ knows nothing of ${above}.`]] : [];
  if (name === "features") {
    refused.push(["^\\.\\./(?!\\.\\./)|^(\\.\\./)+features/", "A feature knows no other feature: what two share is a component or an operation."]);
  }
  return {
    files: [`src/${name}/**`],
    rules: {
      "no-restricted-imports": ["error", { patterns: refused.map(([regex, message]) => ({ regex, message })) }],
      "no-restricted-syntax": [
        "error",
        { selector: `${COMPONENT} ~ ${COMPONENT}`, message: "One component per file." },
        // What is loaded later is known all the same.
        ...refused.map(([regex, message]) => ({ selector: `ImportExpression[source.value=/${regex.replaceAll("/", "\\/")}/]`, message })),
      ],
    },
  };
}

export default typescript.config(
  { ignores: ["dist/", "node_modules/", "src/api/schema.ts"] },
  ...typescript.configs.recommended,
  a11y.flatConfigs.recommended,
  hooks.configs.flat.recommended,
  {
    files: ["src/**"],
    rules: {
      "max-lines": ["error", { max: 150 }],
      // Another way to be displayed takes a table's meaning from its parts: their own roles give it back.
      "jsx-a11y/no-interactive-element-to-noninteractive-role": ["error", { td: ["cell"] }],
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-empty-function": "off",
    },
  },
  ...LAYERS.map(layer),
);
