import { type ComponentType, lazy } from "react";
import type { Me } from "../api/types";

export interface PageProps {
  me: Me;
  parameters: Readonly<Record<string, string | undefined>>;
}

interface PageRoute {
  path: string;
  page: ComponentType<PageProps>;
}

/** Each page is loaded when it is first gone to. */
const ImagesPage = lazy(async () => {
  const page = await import(/* webpackChunkName: "images" */ "../features/images/ImagesPage");
  return { default: page.ImagesPage };
});
const NewBuildPage = lazy(async () => {
  const page = await import(/* webpackChunkName: "new" */ "../features/new/NewBuildPage");
  return { default: page.NewBuildPage };
});
const BuildsPage = lazy(async () => {
  const page = await import(/* webpackChunkName: "builds" */ "../features/builds/BuildsPage");
  return { default: page.BuildsPage };
});
const BuildPage = lazy(async () => {
  const page = await import(/* webpackChunkName: "build" */ "../features/build/BuildPage");
  return { default: page.BuildPage };
});
const ImagePage = lazy(async () => {
  const page = await import(/* webpackChunkName: "image" */ "../features/image/ImagePage");
  return { default: page.ImagePage };
});
const LaunchPage = lazy(async () => {
  const page = await import(/* webpackChunkName: "launch" */ "../features/launch/LaunchPage");
  return { default: page.LaunchPage };
});
const ServersPage = lazy(async () => {
  const page = await import(/* webpackChunkName: "servers" */ "../features/servers/ServersPage");
  return { default: page.ServersPage };
});
const AdminPage = lazy(async () => {
  const page = await import(/* webpackChunkName: "admin" */ "../features/admin/AdminPage");
  return { default: page.AdminPage };
});
const HelpPage = lazy(async () => {
  const page = await import(/* webpackChunkName: "help" */ "../features/help/HelpPage");
  return { default: page.HelpPage };
});

export const routes: readonly PageRoute[] = [
  { path: "/", page: ImagesPage },
  { path: "/new", page: NewBuildPage },
  { path: "/builds", page: BuildsPage },
  { path: "/builds/:id", page: BuildPage },
  { path: "/images/:id", page: ImagePage },
  { path: "/launch", page: LaunchPage },
  { path: "/servers", page: ServersPage },
  { path: "/admin", page: AdminPage },
  { path: "/help", page: HelpPage },
];
