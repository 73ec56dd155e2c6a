"use strict";
// Text of policies enters the page as text nodes and as values of attributes, never as markup:
// the page's own Content-Security-Policy (trusted types 'none') refuses everything else.

/* ---- elements ---- */

const UNSHOWABLE = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]|\p{Cs}/gu;
const view = document.getElementById("view");
const overview = document.getElementById("overview");

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name === "on") for (const [kind, listener] of Object.entries(value)) element.addEventListener(kind, listener);
    else if (value !== undefined && value !== "" && value !== false) element.setAttribute(name, value === true ? "" : replaceUnshowable(value));
  }
  element.append(...children.flat(3).filter((child) => child !== undefined && child !== "").map((child) => (child instanceof Node ? child : replaceUnshowable(child))));
  return element;
}

function replaceUnshowable(value) {
  return String(value).replace(UNSHOWABLE, "\ufffd");
}

function plural(number, one, more) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : more}`;
}

function hiddenText(words) {
  return make("span", { class: "quiet" }, words);
}
