"use strict";
(() => {
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const one = (selector, within = document) => within.querySelector(selector);

  const theme = () => {
    const button = one("[data-theme-button]");
    const root = document.documentElement;
    const system = window.matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
    const name = () => {
      button.textContent = isDark() ? "Light" : "Dark";
      button.setAttribute("aria-label", isDark() ? "Use light colours" : "Use dark colours");
    };
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      name();
    });
    system.addEventListener("change", name);
    button.hidden = false;
    name();
  };

  const value = (row, index, numeric) => {
    const cell = row.cells[index];
    const text = "sort" in cell.dataset ? cell.dataset.sort : cell.textContent.trim();
    return numeric || "sort" in cell.dataset ? (text === "inf" ? Infinity : Number(text)) : text;
  };

  const compared = (a, b) =>
    typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });

  const unfold = (table) => table.dispatchEvent(new Event("unfold"));

  const sortable = (table) => {
    const body = table.tBodies[0];
    all("thead button", table).forEach((button) => {
      const head = button.parentElement;
      const numeric = button.dataset.sort === "number";
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const first = numeric ? "descending" : "ascending";
        const second = numeric ? "ascending" : "descending";
        const order = before === first ? second : first;
        all("[aria-sort]", table).forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const rows = Array.from(body.rows).map((row) => [value(row, head.cellIndex, numeric), row]);
        rows.sort(([a], [b]) => sign * compared(a, b));
        body.append(...rows.map(([, row]) => row));
        unfold(table);
      });
    });
  };

  const filtered = (form) => {
    const table = one("[data-table]", form.parentElement);
    const told = one("[data-told]", form);
    const rows = Array.from(table.tBodies[0].rows);
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const chips = all("[data-status]", form);
    const fold = one("[data-fold]", form.parentElement);
    const rest = one("[data-rest]");
    let folded = Boolean(fold);
    let before = false;
    const apply = () => {
      const words = form.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const kind = form.elements.kind ? form.elements.kind.value : "";
      const pressed = chips.filter((chip) => chip.getAttribute("aria-pressed") === "true");
      const statuses = new Set(pressed.map((chip) => chip.dataset.status));
      const narrowed = Boolean(words.length || kind || statuses.size);
      let count = 0;
      rows.forEach((row) => {
        const shown =
          words.every((word) => texts.get(row).includes(word)) &&
          (!kind || row.dataset.kind === kind) &&
          (!statuses.size || statuses.has(row.dataset.status));
        row.hidden = !shown || (folded && !narrowed && "folded" in row.dataset);
        count += shown;
        const panel = row.dataset.panel && document.getElementById(row.dataset.panel);
        if (panel) panel.hidden = !shown;
      });
      if (fold) fold.hidden = narrowed;
      if (fold) fold.setAttribute("aria-expanded", String(!folded));
      if (rest) rest.hidden = all("details", rest).every((each) => each.hidden);
      if (rest && narrowed !== before) rest.open = narrowed;
      before = narrowed;
      const whole = count === rows.length;
      told.textContent = `${count}${whole ? "" : ` of ${rows.length}`} ${told.dataset.told}`;
    };
    chips.forEach((chip) =>
      chip.addEventListener("click", () => {
        chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
        apply();
      }),
    );
    const turn = (state) => {
      folded = state;
      apply();
    };
    if (fold) fold.addEventListener("click", () => turn(!folded));
    table.addEventListener("unfold", () => turn(false));
    form.addEventListener("input", apply);
    form.addEventListener("change", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    apply();
  };

  const reveal = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target || !target.matches("details, tr")) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target.hidden) unfold(target.closest("table"));
    target.scrollIntoView({ block: target.tagName === "TR" ? "center" : "start" });
    one("summary, a", target).focus({ preventScroll: true });
  };

  const unfolding = (button) => {
    const own = all("details", button.closest("section"));
    const name = () => {
      button.textContent = own.every((each) => each.open) ? "Close all" : "Open all";
    };
    button.addEventListener("click", () => {
      const open = !own.every((each) => each.open);
      own.forEach((each) => { each.open = open; });
      name();
    });
    own.forEach((each) => each.addEventListener("toggle", name));
    button.hidden = false;
    name();
  };

  const reachable = (box) => {
    new ResizeObserver(() => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }).observe(box);
  };

  document.documentElement.classList.add("scripted");
  theme();
  all("[data-table]").forEach(sortable);
  all("[data-controls]").forEach(filtered);
  all("[data-unfold]").forEach(unfolding);
  all(".box").forEach(reachable);
  window.addEventListener("hashchange", reveal);
  reveal();
})();
