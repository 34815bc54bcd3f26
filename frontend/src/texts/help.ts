/** Words of the page that helps; it alone reads them, so they are not gathered with the others that each page loads. */
export const help = {
  title: "Help",
  start: {
    title: "From a repository to a running environment",
    steps: [
      "Paste the address of a git repository under New build. What is there is looked up before anything is built.",
      "Press Build. The log shows each step; the build goes on when you close the page.",
      "Launch it from the list, or share its link. Others see it too, unless it is private.",
    ],
  },
  addresses: {
    title: "Which addresses are understood",
    hint: "Paste what the browser shows: a page of a branch, a folder or a file is taken apart into repository, branch and path.",
    column: { form: "Address", meaning: "What is built" },
    forms: [
      ["https://git.example.org/team/project", "the default branch of any git repository"],
      ["owner/name", "a repository on GitHub"],
      ["…/tree/v1.0/lessons", "the branch or tag v1.0; the link opens the folder lessons, or it alone is built"],
      ["…/blob/main/first.ipynb", "the branch main; the link opens that file"],
      ["…/-/tree/main", "the same on GitLab, in groups and groups in them too"],
      ["…/commit/1a2b3c…", "that commit"],
      ["…/releases/tag/v1.0", "the tag v1.0"],
      ["…/pull/12, …/-/merge_requests/12", "what is proposed there, as it is when it is built"],
      ["git@git.example.org:team/project.git", "the same repository by https"],
    ],
    doi: "A DOI is not understood. Give the address of the repository that it stands for.",
  },
  files: {
    title: "What is read from the repository",
    hint: ["The files are in the folder", "or, without one of these, where the build begins."],
    column: { file: "File", meaning: "What it does" },
    rows: [
      ["environment.yml", "packages for conda, of any language"],
      ["requirements.txt, Pipfile, setup.py, pyproject.toml", "Python packages"],
      ["runtime.txt", "the version of Python, as python-3.12, or of R with a date"],
      ["install.R, DESCRIPTION", "R packages"],
      ["Project.toml", "Julia packages"],
      ["apt.txt", "packages of the system, one a line"],
      ["postBuild", "a script that runs at the end of the build"],
      ["start", "a script that runs whenever a server starts"],
      ["default.nix", "packages for Nix"],
      ["Dockerfile", "everything; then none of the others is read"],
      [".dockerignore, .containerignore", "what is left out of the environment"],
    ],
    server: "To be launched, an environment needs jupyterhub. It is there unless a Dockerfile or default.nix makes the image: then install it there.",
    more: "All about these files",
  },
  privateOnes: {
    title: "Private repositories",
    paragraphs: [
      "If a repository asks who you are, the form shows fields for a user name and a token. Make a token that may read this one repository, and that ends soon.",
      "The token is sent when you look the repository up and when you build, opens this repository and no other, and is forgotten before anything of the repository is read. It is in no log and no image. Building again asks for it again.",
      "The build, its log and its environment are seen by its owner, by members of an owning group and by administrators.",
    ],
  },
  data: {
    title: "What happens with what you give",
    paragraphs: [
      "What you build is there for everybody who may see environments here, with its log, and with your name as who asked for it. Private builds are the exception.",
      "The repository's content is part of the environment. It stays until somebody deletes the environment, or a rule of the administrators removes old ones. Builds and their logs are removed by a rule, too.",
      "What you change in a running server goes neither into the environment nor into the repository. Save it where your hub keeps your files, or push it.",
      "When an environment is deleted, servers that run from it keep working, and its place in the registry may be freed later. When you leave, administrators can remove all that is yours.",
    ],
  },
  links: {
    title: "Links and badges",
    hint: "Share, at each environment, gives a link and a badge for a README or a course page. A link shows what would start; nothing starts or is built until a button is pressed.",
  },
  more: {
    title: "More",
    api: "What programs can do: the REST API",
    repo2docker: "repo2docker, which builds the environments",
    repo2dockerAddress: "https://repo2docker.readthedocs.io/",
    filesAddress: "https://repo2docker.readthedocs.io/en/latest/configuration/",
  },
} as const;
