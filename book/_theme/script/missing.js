// 404.html hands over the missing address. The words of its last part may be what the reader is looking for.
const address = new URLSearchParams(location.search).get("address");
if (address) {
  const note = document.getElementById("missing");
  note.prepend(`${note.dataset.nothing.replace("{}", () => address)} `);
  const words = address.split("/").filter(Boolean).pop() ?? "";
  document.querySelector("main input").value = words.replace(/\.\w+$/, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
