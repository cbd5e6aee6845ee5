// Shows the OpenAPI document of this very server. Tokens live as long as the page.

/** A refusal by its meaning alone: the form of all of them is told once, as that of the default. */
const withoutForm = ([status, { content, ...answer }]) => [
  status,
  content === undefined || status.startsWith("4") ? answer : { ...answer, content },
];

/** Without the logins of people, too: those need a client that is set up for the page it returns to. */
const forReaders = (document) => {
  const { OpenID: _, ...securitySchemes } = document.components.securitySchemes;
  const kept = ({ security = [], responses, ...operation }) => ({
    ...operation,
    security: security.filter((scheme) => !("OpenID" in scheme)),
    responses: Object.fromEntries(Object.entries(responses).map(withoutForm)),
  });
  const paths = Object.entries(document.paths).map(([path, verbs]) => [
    path,
    Object.fromEntries(Object.entries(verbs).map(([verb, operation]) => [verb, kept(operation)])),
  ]);
  const components = { ...document.components, securitySchemes };
  return { ...document, paths: Object.fromEntries(paths), components };
};

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelExpandDepth: 2,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  plugins: [
    {
      statePlugins: {
        spec: {
          wrapActions: {
            updateJsonSpec: (update) => (document) => update(forReaders(document)),
          },
        },
      },
    },
  ],
});
