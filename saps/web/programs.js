"use strict";
// Programs as trees: read, compared, and written over several lines. The web page and reports share this file.
// A node is { label, children, number }, numbered in pre-order from 0 on.

function make(tag, text = "", className = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

function readProgram(lisp) {
  const tokens = lisp.match(/"[^"]*"|[()]|[^\s()"]+/g);
  let at = 0;
  const read = () => {
    if (tokens[at] !== "(") return { label: tokens[at++], children: [] };
    const node = { label: tokens[at + 1], children: [] };
    for (at += 2; tokens[at] !== ")";) node.children.push(read());
    at += 1;
    return node;
  };
  return numbered(read());
}

function numbered(root) {
  nodesOf(root).forEach((node, number) => { node.number = number; });
  return root;
}

function nodesOf(root) { // in pre-order
  const found = [], stack = [root];
  while (stack.length) {
    const node = stack.pop();
    found.push(node);
    stack.push(...[...node.children].reverse());
  }
  return found;
}

function flat(node) {
  return node.children.length ? `(${[node.label, ...node.children.map(flat)].join(" ")})` : node.label;
}

// The numbers of the subtrees in which two programs differ, each as small as can be: { of: Set, than: Set }.

function differing(one, other) {
  const found = { of: new Set(), than: new Set() }, pairs = [[one, other]];
  while (pairs.length) {
    const [a, b] = pairs.pop();
    if (a.label === b.label && a.children.length === b.children.length) {
      a.children.forEach((child, place) => pairs.push([child, b.children[place]]));
    } else {
      found.of.add(a.number);
      found.than.add(b.number);
    }
  }
  return found;
}

// A program as code, broken where it is wider than so many characters; some of its subtrees are marked.

function programElement(root, marked = new Set(), width = 44) {
  const code = make("code", "", "lines");
  const write = (node, indent, parent) => {
    let place = parent;
    if (marked.has(node.number)) {
      place = make("mark");
      parent.append(place);
    }
    if (!node.children.length) return place.append(node.label);
    const isBroken = indent + flat(node).length > width;
    place.append(`(${node.label}`);
    for (const child of node.children) {
      place.append(isBroken ? `\n${" ".repeat(indent + 2)}` : " ");
      write(child, isBroken ? indent + 2 : 0, place);
    }
    return place.append(")");
  };
  write(root, 0, code);
  return code;
}

function percent(share) {
  if (share > 0 && share < 0.001) return "< 0.1 %";
  return `${(100 * share).toFixed(1)} %`;
}
