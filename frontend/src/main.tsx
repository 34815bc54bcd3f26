import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { applyColorMode } from "./app/colorMode";
import { Providers } from "./app/Providers";

applyColorMode();

createRoot(document.getElementById("page")!).render(
  <StrictMode>
    <Providers>
      <App />
    </Providers>
  </StrictMode>,
);
