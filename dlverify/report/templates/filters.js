// Filters of the front page. Without this script all claims are there to read; the choice is kept in the address.
"use strict";
{
  const form = document.getElementById("filters");
  const rows = form ? [...document.querySelectorAll("ul.claims > li")] : [];
  const choices = ["words", "family", "note", "outcome", "grade", "subject"];

  const fits = (row, chosen) =>
    choices.every((name) => {
      const value = chosen.get(name);
      if (!value) return true;
      if (name === "words") return value.toLowerCase().split(/\s+/).every((word) => row.dataset.words.includes(word));
      const own = row.dataset[name];
      return name === "note" || name === "subject" ? own.split(" ").includes(value) : own === value;
    });

  const apply = () => {
    const chosen = new FormData(form);
    let count = 0;
    for (const row of rows) {
      row.hidden = !fits(row, chosen);
      count += row.hidden ? 0 : 1;
    }
    for (const family of document.querySelectorAll("section.family"))
      family.hidden = !family.querySelector("li:not([hidden])");
    document.getElementById("count").value = `${count} of ${rows.length} claims`;
    document.getElementById("none").hidden = count > 0;
    const address = new URLSearchParams([...chosen].filter(([, value]) => value)).toString();
    history.replaceState(null, "", address ? `#?${address}` : location.hash.startsWith("#?") ? "#claims" : location.hash || "#");
  };

  if (form) {
    form.hidden = false;
    for (const [name, value] of new URLSearchParams(location.hash.startsWith("#?") ? location.hash.slice(2) : ""))
      if (choices.includes(name)) form.elements[name].value = value;
    form.addEventListener("input", apply);
    form.addEventListener("reset", () => setTimeout(apply));
    form.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }
}
