import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import typescript from "typescript-eslint";

export default typescript.config(
  { ignores: ["dist/", "node_modules/", "src/api/schema.ts"] },
  ...typescript.configs.recommended,
  a11y.flatConfigs.recommended,
  hooks.configs.flat.recommended,
  {
    files: ["src/**"],
    rules: {
      "max-lines": ["error", { max: 150 }],
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-empty-function": "off",
    },
  },
  {
    files: ["src/features/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { regex: "^\\.\\./(?!\\.\\./)", message: "A feature knows no other feature: what two share is a component or an operation." },
            { regex: "^\\.\\./\\.\\./(app|features)/", message: "The features are put together by the app, not the other way round." },
          ],
        },
      ],
    },
  },
  {
    files: ["src/api/**", "src/operations/**", "src/texts/**"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ regex: "\\.\\./(app|features|components)/", message: "This layer is below." }] }],
    },
  },
  {
    files: ["src/components/**"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ regex: "\\.\\./(app|features)/", message: "Components are below." }] }],
    },
  },
);
