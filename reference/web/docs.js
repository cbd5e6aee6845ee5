// Shows the OpenAPI document of this very server. Tokens live as long as the page.

/** A refusal by its meaning alone: the form of all of them is told once, as that of the default. */
const withoutForm = ([status, { content, ...answer }]) => [
  status,
  content === undefined || status.startsWith("4") ? answer : { ...answer, content },
];

/**
 * With one way alone to authorize. Logins of people need a client that is set up for the page it returns to; HTTP Basic
 * buys no call but those that deal in tokens, which take the client's id and secret in their forms as well.
 */
const forReaders = (document) => {
  const { Authorization } = document.components.securitySchemes;
  const kept = ({ security = [], responses, ...operation }) => ({
    ...operation,
    security: security.filter((scheme) => "Authorization" in scheme),
    responses: Object.fromEntries(Object.entries(responses).map(withoutForm)),
  });
  const paths = Object.entries(document.paths).map(([path, verbs]) => [
    path,
    Object.fromEntries(Object.entries(verbs).map(([verb, operation]) => [verb, kept(operation)])),
  ]);
  const components = { ...document.components, securitySchemes: { Authorization } };
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
