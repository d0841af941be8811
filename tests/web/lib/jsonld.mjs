// Structured data: it parses, and each type has the properties that it is read for.
const REQUIRED = {
  WebSite: ["name", "url"],
  WebPage: ["name", "url"],
  CollectionPage: ["name", "url"],
  BreadcrumbList: ["itemListElement"],
  ListItem: ["position", "name"],
  Article: ["headline", "datePublished", "publisher"],
  NewsArticle: ["headline", "datePublished", "publisher"],
  Report: ["headline", "datePublished", "publisher"],
  GovernmentOrganization: ["name"],
  GovernmentService: ["name", "provider", "serviceOperator", "availableChannel", "audience"],
  QAPage: ["mainEntity"],
  Question: ["name", "text", "acceptedAnswer"],
  Answer: ["text"],
  Dataset: ["name", "description", "url", "creator"],
  SearchAction: ["target", "query-input"],
};

/** What these need where they are the subject of the page, and not only named by it. */
const SUBJECT = {
  Legislation: ["name", "url", "inLanguage", "publisher"],
  Person: ["name", "jobTitle", "worksFor"],
  GovernmentOrganization: ["name", "url"],
};

/** The type that a page of each kind or category must say. */
export const EXPECTED = {
  home: "WebSite",
  column: "CollectionPage",
  topic: "CollectionPage",
  "article:news": "NewsArticle",
  "article:notice": "Article",
  "article:policy": "Legislation",
  "article:interpretation": "Article",
  "article:disclosure": "Report",
  "article:leader": "Person",
  "article:institution": "GovernmentOrganization",
  "article:service": "GovernmentService",
  "article:letter": "QAPage",
  "article:survey": "Article",
  "article:data": "Dataset",
  "article:page": "WebPage",
};

function walk(value, say, types) {
  if (Array.isArray(value)) return value.forEach((v) => walk(v, say, types));
  if (value === null || value === "") return say("an empty value");
  if (typeof value !== "object") return;
  const type = value["@type"];
  if (type) {
    types.push(type);
    for (const key of REQUIRED[type] ?? []) if (value[key] === undefined) say(`${type} without ${key}`);
  }
  Object.values(value).forEach((v) => walk(v, say, types));
}

export function check(page, say) {
  const types = [];
  for (const script of page.all("script").filter((e) => e.attr.type === "application/ld+json")) {
    const report = (text) => say(script.line, `JSON-LD: ${text}`);
    try {
      const data = JSON.parse(page.inside(script));
      if (data["@context"] !== "https://schema.org") report("@context is not https://schema.org");
      walk(data, report, types);
      for (const node of data["@graph"] ?? []) for (const key of SUBJECT[node["@type"]] ?? []) if (node[key] === undefined) report(`${node["@type"]} without ${key}`);
    } catch (e) {
      report(e.message);
    }
  }
  const wanted = EXPECTED[page.kind] ?? EXPECTED[`${page.kind}:${page.category}`];
  if (wanted && !types.includes(wanted)) say(1, `JSON-LD: a page of this kind must have ${wanted}`);
}
