// The standard and accessibility rules of html-validate, as they are. What is switched off is named with its reason.
export default {
  root: true,
  extends: ["html-validate:standard", "html-validate:a11y"],
  rules: {
    // Titles carry column and site name, as the standards ask: they are long.
    "long-title": "off",
    // Assets have integrity; tokens.css has a stable name and cannot (a colour must not rewrite every page).
    "require-sri": "off",
    // Printed and spoken alike: telephone numbers stand in tel: links of their own.
    "tel-non-breaking": "off",
    // A list without bullets loses its role in Safari; the attribute that mends it is right.
    "no-redundant-role": "off",
  },
};
