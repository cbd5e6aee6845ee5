import { expect, test } from "vitest";
import { pageHeaders, toHtml } from "./page.js";

test("what a page says is text, whatever it holds", () => {
  const html = toHtml({ title: "<script>1</script>", text: `<img src="x" onerror='1'> & more` });
  expect(html).not.toMatch(/<script|<img/);
  expect(html).toContain("<title>&lt;script&gt;1&lt;/script&gt;</title>");
  expect(html).toContain("&lt;img src=&quot;x&quot; onerror=&#39;1&#39;&gt; &amp; more");
});

test("nothing runs in a page but its own script, and nobody frames it", () => {
  const policyOf = (script?: string) => pageHeaders(script)["Content-Security-Policy"];
  const style = "style-src 'sha256-[A-Za-z0-9+/]{43}='";
  const rest = `${style};base-uri 'none';frame-ancestors 'none'$`;
  expect(policyOf()).toMatch(new RegExp(`^default-src 'none';script-src;${rest}`));
  expect(policyOf("go()")).toMatch(
    new RegExp(`^default-src 'none';script-src 'sha256-[A-Za-z0-9+/]{43}=';${rest}`),
  );
});
