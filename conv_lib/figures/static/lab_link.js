// A state of the Lab as a part of an address, packed where the browser can, so that a long model still makes a link; and back.

const MOST = 1500000; // characters of an unpacked state: a link may come from anybody

export async function pack(state) {
  const text = JSON.stringify(state);
  if (typeof CompressionStream === "undefined") return encodeURIComponent(text);
  const bytes = new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"))).arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `z.${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

export async function unpack(text) {
  if (!text.startsWith("z.")) return JSON.parse(decodeURIComponent(text));
  const binary = atob(text.slice(2).replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).pipeThrough(new TextDecoderStream()).getReader();
  let whole = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return JSON.parse(whole);
    whole += value;
    if (whole.length > MOST) throw new RangeError("the link holds too long a text");
  }
}
