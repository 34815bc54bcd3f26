import HtmlWebpackPlugin from "html-webpack-plugin";
import path from "node:path";

const here = import.meta.dirname;

export default (_env, { mode = "production" }) => ({
  mode,
  entry: { first: path.join(here, "src/colorModeFirst.ts"), main: path.join(here, "src/main.tsx") },
  output: {
    path: path.join(here, "dist"),
    clean: true,
    // Relative addresses: the service writes its prefix into the document's <base>.
    publicPath: "",
    filename: "static/[name].[contenthash].js",
    chunkFilename: "static/[name].[contenthash].js",
    assetModuleFilename: "static/[name].[contenthash][ext]",
  },
  resolve: { extensions: [".tsx", ".ts", ".js"] },
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        include: path.join(here, "src"),
        loader: "babel-loader",
      },
      // Other pages show the badge: its address stays as it is.
      { test: /badge\.svg$/, type: "asset/resource", generator: { filename: "badge.svg" } },
      { test: /(?<!badge)\.svg$/, type: "asset/resource" },
    ],
  },
  optimization: {
    // The service looks for <base href="/"> as it is written.
    minimizeOptions: { html: false },
    splitChunks: {
      cacheGroups: {
        // Libraries change rarely; a new version of the page leaves them in people's caches.
        libraries: { test: /node_modules/, name: "libraries", chunks: "initial" },
      },
    },
  },
  performance: { maxAssetSize: 1_000_000, maxEntrypointSize: 1_000_000 },
  devtool: mode === "production" ? false : "source-map",
  plugins: [
    new HtmlWebpackPlugin({
      template: path.join(here, "src/index.html"),
      inject: false, // the document places its scripts itself
      minify: false,
    }),
  ],
});
