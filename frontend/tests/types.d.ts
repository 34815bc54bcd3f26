declare module "jest-axe" {
  export function axe(html: Element): Promise<{ violations: unknown[] }>;
}
