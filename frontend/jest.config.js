export default {
  testEnvironment: "jsdom",
  testEnvironmentOptions: { customExportConditions: [""] },
  extensionsToTreatAsEsm: [".ts", ".tsx"],
  transform: { "\\.tsx?$": "babel-jest" },
  moduleNameMapper: { "\\.svg$": "<rootDir>/tests/nothing.js" },
  setupFilesAfterEnv: ["<rootDir>/tests/setup.js"],
  testMatch: ["<rootDir>/tests/**/*.test.ts", "<rootDir>/tests/**/*.test.tsx"],
};
