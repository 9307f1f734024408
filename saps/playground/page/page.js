"use strict";
// Asks /api/synthesize and shows what comes back. Everything from the server is put in as text, never as markup.

const byId = (id) => document.getElementById(id);
const CHARACTER = 8.5, LEVEL = 64, BOX = 28, GAP = 14, ROOM = 96, UNDER = 20; // pixels of the tree's drawing

async function fetchJson(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("the server does not answer; is `saps serve` still running?");
  }
  const body = await response.json().catch(() => ({ error: "the server's answer is not JSON" }));
  if (!response.ok || body.error) throw new Error(body.error || `the server answers ${response.status}`);
  return body;
}

function question() {
  const lines = (id) => byId(id).value.split("\n").map((line) => line.trim()).filter(Boolean);
  const chosen = byId("chosen_model");
  return {
    ...(chosen.selectedIndex > 0 ? { model: chosen.value } : {}),
    text: byId("text").value,
    arguments: byId("arguments").value.trim().split(/[\s,;]+(?=\w+\s*:)/).filter(Boolean),
    examples: lines("examples"),
    input: byId("input").value,
    candidates: Number(byId("candidates").value),
    returns: byId("returns").value,
    seconds: Number(byId("seconds").value),
    avoid_errors: byId("avoid_errors").checked,
    search: byId("search").checked,
    allow_unknown: byId("allow_unknown").checked,
  };
}

async function ask(event) {
  event.preventDefault();
  const button = byId("ask");
  if (button.disabled) return;
  button.disabled = true;
  button.textContent = "Searching…";
  try {
    const body = JSON.stringify(question());
    const headers = { "Content-Type": "application/json" };
    history.replaceState(null, "", `#${asLink()}`);
    showAnswer(await fetchJson("/api/synthesize", { method: "POST", headers, body }));
    byId("error").hidden = true;
  } catch (error) {
    byId("error").textContent = error.message;
    byId("error").hidden = false;
    if (error.message.includes("allow unknown words")) byId("more").open = true; // where its box is
    byId("answer").hidden = true;
    byId("error").scrollIntoView({ behavior: "smooth", block: "nearest" });
  } finally {
    button.disabled = false;
    button.textContent = "Find the program";
  }
}

function showAnswer(answer) {
  if (answer.story) answer.candidates[answer.chosen].nodes = answer.story.nodes;
  const list = byId("candidate-list");
  list.replaceChildren(...answer.candidates.map((candidate, index) => {
    const item = make("li");
    item.append(candidateButton(answer, candidate, index));
    return item;
  }));
  byId("answer").hidden = false;
  showCandidate(answer, answer.chosen);
  byId("answer").scrollIntoView({ behavior: "smooth", block: "nearest" });
}

function candidateButton(answer, candidate, index) {
  const button = make("button");
  button.type = "button";
  const share = make("span", percent(candidate.probability), "share");
  const bar = make("i");
  bar.style.width = `${100 * candidate.probability}%`;
  share.append(bar);
  button.append(share, make("code"), mark(candidate));
  button.addEventListener("click", () => showCandidate(answer, index));
  return button;
}

function mark(candidate) {
  const passed = candidate.examples.filter((run) => run.passes).length, count = candidate.examples.length;
  if (!candidate.type) return make("span", "ill-typed", "mark bad");
  if (!count) return make("span", candidate.type, "mark hint");
  return make("span", `${passed} of ${count}`, `mark ${passed === count ? "good" : "bad"}`);
}

function showCandidate(answer, index) {
  const candidate = answer.candidates[index];
  const [words, colour] = verdict(answer, index);
  byId("verdict").textContent = words;
  byId("verdict").className = `verdict ${colour}`;
  byId("program").textContent = candidate.program;
  byId("facts").replaceChildren(...facts(answer, candidate));
  showTree(candidate, Object.keys(answer.arguments));
  showWords(candidate);
  showSteps(candidate);
  showSecond(answer);
  const shown = readProgram(candidate.program);
  byId("runs").hidden = !answer.examples.length;
  byId("run-rows").replaceChildren(...candidate.examples.map((run, number) => runRow(answer.examples[number], run)));
  byId("candidate-list").querySelectorAll("button").forEach((button, number) => {
    button.setAttribute("aria-pressed", String(number === index));
    const other = readProgram(answer.candidates[number].program);
    button.querySelector("code").replaceWith(programElement(other, differing(other, shown).of, Infinity));
  });
}

function verdict(answer, index) {
  const candidate = answer.candidates[index], count = answer.examples.length;
  const passed = candidate.examples.filter((run) => run.passes).length;
  const place = `candidate ${index + 1} of ${answer.candidates.length}`;
  if (!count) return [index ? `Unchecked: ${place}` : "The most probable program; no example checks it", "wait"];
  if (passed === count) return [`Passes ${count === 1 ? "the example" : `all ${count} examples`}: ${place}`, "good"];
  if (index !== answer.chosen) return [`Passes ${passed} of ${count} examples: ${place}`, "bad"];
  return ["No candidate passes the examples; this is only the most probable one", "bad"];
}

function facts(answer, candidate) {
  const rows = [];
  const row = (name, ...values) => {
    const value = make("dd");
    value.append(...values);
    rows.push(make("dt", name), value);
  };
  if (candidate.result) row("Result", outcome(candidate.result));
  row("Type", candidate.type ? make("code", candidate.type) : make("span", `ill-typed: ${candidate.mistake}`, "bad"));
  const written = Object.entries(answer.arguments).map(([name, type]) => `${name}: ${type}`).join(", ");
  row("Arguments", make("code", written || "none"), make("span", answer.guessed ? "  guessed from the sentence" : "", "hint"));
  row("Probability", make("span", percent(candidate.probability)));
  row("Found in", make("span", `${answer.seconds.toFixed(2)} s`));
  if (answer.story && answer.story.ended) {
    const counts = Object.entries(answer.story.counts).map(([name, count]) => `${count.toLocaleString("en")} ${name}`);
    row("Search", make("span", `${answer.story.ended}: ${counts.join(", ")}`, "hint"));
  }
  return rows;
}

function outcome(run) {
  return run.kind === "value" ? make("code", run.shown) : make("span", `${run.kind}: ${run.shown}`, "bad");
}

function runRow(example, run) {
  const row = make("tr");
  const given = make("td");
  given.append(outcome(run));
  row.append(make("td", run.passes ? "✓ passes" : "✗ fails", run.passes ? "good" : "bad"), make("td", example), given);
  return row;
}

// The tree as SVG: leaves from left to right, a parent over the middle of its children.

function layout(node, level, left, room) {
  const [label, ...children] = Array.isArray(node) ? node : [node];
  const width = label.length * CHARACTER + 18, own = Math.max(width, room); // room for a value under each box
  let edge = left;
  const placed = children.map((child) => {
    const box = layout(child, level + 1, edge, room);
    edge += box.span + GAP;
    return box;
  });
  const below = children.length ? edge - GAP - left : 0;
  const span = Math.max(own, below);
  if (below && below < own) placed.forEach((box) => shift(box, (own - below) / 2));
  const x = placed.length ? (placed[0].x + placed[placed.length - 1].x) / 2 : left + span / 2;
  return { label, level, x, span, width, room: own, children: placed };
}

function shift(box, distance) {
  box.x += distance;
  box.children.forEach((child) => shift(child, distance));
}

function svg(tag, attributes, parent) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (parent) parent.append(element);
  return element;
}

function extent(box) {
  const parts = box.children.map(extent);
  return {
    left: Math.min(box.x - box.room / 2, ...parts.map((part) => part.left)),
    right: Math.max(box.x + box.room / 2, ...parts.map((part) => part.right)),
    levels: Math.max(box.level, ...parts.map((part) => part.levels)),
  };
}

function showTree(candidate, names) {
  const root = layout(candidate.tree, 0, 0, candidate.view.steps ? ROOM : 0), frame = byId("tree");
  frame.replaceChildren(drawTree(candidate, root, names));
  frame.scrollLeft = root.x - extent(root).left - frame.clientWidth / 2; // a tree too wide begins at its root
}

function drawTree(candidate, root, names) {
  const { left, right, levels } = extent(root);
  const width = right - left + 4, height = levels * LEVEL + BOX + 4 + (candidate.view.steps ? UNDER : 0);
  const view = `${left - 2} ${-BOX / 2 - 2} ${width} ${height}`;
  const drawing = svg("svg", { width, height, viewBox: view, role: "group", "aria-label": `tree of ${candidate.program}` });
  const lines = svg("g", {}, drawing), boxes = svg("g", {}, drawing);
  let nodes = 0;
  const draw = (box) => {
    const y = box.level * LEVEL, number = nodes++;
    const isArgument = !box.children.length && (names.includes(box.label) || /^arg[12]$/.test(box.label));
    const group = svg("g", { tabindex: number ? -1 : 0, role: "button", "aria-label": nodeWords(candidate, box.label, number), class: box.children.length ? "call" : isArgument ? "argument" : "constant" }, boxes);
    svg("rect", { x: box.x - box.width / 2, y: y - BOX / 2, width: box.width, height: BOX, rx: 7 }, group);
    svg("text", { x: box.x, y }, group).textContent = box.label;
    svg("text", { x: box.x, y: y + BOX / 2 + 10, class: "value" }, group);
    for (const event of ["mouseenter", "focus", "click"]) group.addEventListener(event, () => showNode(candidate, group, number));
    for (const event of ["mouseleave", "blur"]) group.addEventListener(event, forget);
    for (const child of box.children) {
      const end = (box.level + 1) * LEVEL - BOX / 2, start = y + BOX / 2 + (candidate.view.steps ? UNDER : 0), middle = (start + end) / 2;
      svg("path", { d: `M${box.x} ${start}C${box.x} ${middle} ${child.x} ${middle} ${child.x} ${end}` }, lines);
      draw(child);
    }
  };
  draw(root);
  roving(boxes);
  return drawing;
}

// What belongs together: a node and the words that it read, a word and the nodes that read it.

function nodeWords(candidate, label, number) {
  const { attention, probabilities, words } = candidate.view;
  const sure = probabilities ? `, probability ${percent(probabilities[number])}` : "";
  const node = (candidate.nodes ?? [])[number];
  const rival = node && node.rival && node.rival_probability >= 0.001 ? `; next: ${node.rival} ${percent(node.rival_probability)}` : "";
  if (!attention) return `${label}${sure}${rival}`;
  const order = attention[number].map((weight, word) => [weight, words[word]]).sort((a, b) => b[0] - a[0]);
  const read = order.slice(0, 3).filter(([weight]) => weight >= 10).map(([weight, word]) => `${word} ${weight} %`);
  return `${label}${sure}${rival}${read.length ? `; read ${read.join(", ")}` : ""}`;
}

function showNode(candidate, group, number) {
  forget();
  group.classList.add("chosen");
  byId("node").textContent = group.getAttribute("aria-label");
  (candidate.view.attention?.[number] ?? []).forEach((weight, word) => byId("words").children[word].style.setProperty("--weight", weight));
}

function showWords(candidate) {
  const { words, attention } = candidate.view;
  byId("words").replaceChildren(...words.map((word, place) => {
    const button = make("button", word, "word");
    button.type = "button";
    button.tabIndex = place ? -1 : 0;
    const look = () => {
      forget();
      const nodes = [...byId("tree").querySelectorAll("g[role=button]")];
      nodes.forEach((node, number) => node.style.setProperty("--weight", attention?.[number][place] ?? 0));
      const readers = nodes.map((node, number) => [attention?.[number][place] ?? 0, node.querySelector("text").textContent]);
      const told = readers.sort((a, b) => b[0] - a[0]).slice(0, 4).filter(([weight]) => weight >= 10);
      byId("node").textContent = `${word}: ${told.length ? `read by ${told.map(([weight, label]) => `${label} ${weight} %`).join(", ")}` : "read by no node in particular"}`;
    };
    for (const event of ["mouseenter", "focus", "click"]) button.addEventListener(event, look);
    for (const event of ["mouseleave", "blur"]) button.addEventListener(event, forget);
    return button;
  }));
  byId("node").textContent = attention ? "" : "This model has no attention to show.";
  roving(byId("words"));
}

function forget() {
  for (const one of [...byId("words").children, ...byId("tree").querySelectorAll("g[role=button]")]) {
    one.style.removeProperty("--weight");
    one.classList.remove("chosen");
  }
  byId("node").textContent = "";
}

function roving(parent) { // one stop of the Tab key; the arrow keys go on from there
  parent.addEventListener("keydown", (event) => {
    const all = [...parent.children], at = all.indexOf(event.target), last = all.length - 1;
    const next = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    all[at].setAttribute("tabindex", -1);
    const one = all[Math.min(last, Math.max(0, next))];
    one.setAttribute("tabindex", 0);
    one.focus();
  });
}

// The run, step by step.

let goTo = () => {};

function showSteps(candidate) {
  const steps = candidate.view.steps ?? [], groups = [...byId("tree").querySelectorAll("g[role=button]")];
  byId("steps").hidden = !steps.length;
  byId("step").max = Math.max(0, steps.length - 1);
  goTo = (at) => {
    if (!steps.length) return;
    const place = Math.min(steps.length - 1, Math.max(0, at)), step = steps[place];
    byId("step").value = place;
    groups.forEach((group) => { group.classList.remove("now"); group.lastChild.textContent = ""; });
    for (const { node, value } of steps.slice(0, place + 1)) groups[node].lastChild.textContent = short(value);
    groups[step.node].classList.add("now");
    const where = Object.entries(step.variables).map(([name, value]) => `${name} = ${value}`).join(", ");
    const label = groups[step.node].querySelector("text").textContent;
    byId("step-told").textContent = `${place + 1} of ${steps.length}: ${label} ${step.fails ? "fails:" : "gives"} ${step.value}${where ? `, where ${where}` : ""}`;
  };
  goTo(steps.length - 1);
}

const short = (value) => value === "a function" ? "" : value.length > 14 ? `${value.slice(0, 12)}…` : value;

// An example that tells the passing candidates apart.

function showSecond(answer) {
  const asked = answer.second_example;
  byId("second").hidden = !asked;
  if (!asked) return;
  byId("second-question").textContent = `The candidates that pass disagree on ${asked.input}. What should it give?`;
  byId("second-answers").replaceChildren(...asked.outputs.slice(0, 5).map(({ output }) => {
    const button = make("button", output.length > 100 ? `${output.slice(0, 100)}…` : output, "quiet");
    button.type = "button";
    button.addEventListener("click", () => {
      byId("examples").value = `${byId("examples").value.trim()}\n${asked.input} -> ${output}`.trim();
      byId("question").requestSubmit();
    });
    return button;
  }));
}

// A link that holds the question; what stands after # is not sent to any server.

const FIELDS = ["text", "examples", "input", "arguments", "returns", "candidates", "seconds"], BOXES = ["search", "avoid_errors", "allow_unknown"];

function asLink() {
  const kept = new URLSearchParams();
  for (const id of FIELDS) if (byId(id).value !== byId(id).defaultValue) kept.set(id, byId(id).value);
  for (const id of BOXES) if (byId(id).checked) kept.set(id, "1");
  if (byId("chosen_model").selectedIndex > 0) kept.set("model", byId("chosen_model").value);
  return kept;
}

function fromLink() {
  const kept = new URLSearchParams(location.hash.slice(1));
  for (const id of FIELDS) if (kept.has(id)) byId(id).value = kept.get(id);
  for (const id of BOXES) byId(id).checked = kept.has(id);
  for (const option of byId("chosen_model").options) if (option.value === kept.get("model")) option.selected = true;
  if (kept.get("text")) byId("question").requestSubmit();
}

// The models at hand, the chosen one with its samples, and the keys.

async function showModels() {
  const models = await fetchJson("/api/models");
  for (const model of models) {
    const option = make("option", `${model.name}: ${model.figure}`);
    option.value = model.name;
    byId("chosen_model").append(option);
  }
  byId("models").hidden = models.length < 2;
}

async function showModel() {
  const chosen = byId("chosen_model");
  const name = chosen.selectedIndex > 0 ? `?name=${encodeURIComponent(chosen.value)}` : "";
  const model = await fetchJson(`/api/model${name}`);
  const count = (number) => number.toLocaleString("en").replaceAll(",", " ");
  const parts = [
    `${model.system} from ${model.folder}`, `${count(model.parameters)} parameters`,
    `${count(model.words)} words`, `${count(model.labels)} labels`,
  ];
  parts.push(model.figure);
  byId("model").textContent = parts.join(" · ");
  byId("candidates").max = model.bounds.candidates;
  for (const button of byId("samples").querySelectorAll("button")) button.remove();
  for (const sample of model.samples) byId("samples").append(sampleButton(sample));
  byId("samples").hidden = !model.samples.length;
}

function sampleButton(sample) {
  const button = make("button", sample.text);
  button.type = "button";
  button.title = sample.text;
  button.addEventListener("click", () => {
    for (const field of ["text", "examples", "input"]) byId(field).value = sample[field];
    byId("arguments").value = "";
    byId("question").requestSubmit();
  });
  return button;
}

byId("question").addEventListener("submit", ask);
byId("question").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("question").requestSubmit();
});
byId("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(byId("program").textContent);
  byId("copy").textContent = "Copied";
  setTimeout(() => { byId("copy").textContent = "Copy"; }, 1500);
});
byId("link").addEventListener("click", async () => {
  await navigator.clipboard.writeText(location.href);
  byId("link").textContent = "Copied";
  setTimeout(() => { byId("link").textContent = "Copy link"; }, 1500);
});
byId("link").hidden = !navigator.clipboard;
byId("back").addEventListener("click", () => goTo(Number(byId("step").value) - 1));
byId("forward").addEventListener("click", () => goTo(Number(byId("step").value) + 1));
byId("step").addEventListener("input", () => goTo(Number(byId("step").value)));
byId("copy").hidden = !navigator.clipboard; // there is none on a page from another machine without TLS
const tellModel = () => showModel().catch((error) => { byId("model").textContent = error.message; });
byId("chosen_model").addEventListener("change", tellModel);
showModels().catch(() => {}).then(() => { fromLink(); tellModel(); });
