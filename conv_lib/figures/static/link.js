// A state as a part of an address, and back: { pack, unpack, most } (characters). Packed where the browser can, so that a long text
// still makes a link.

export const PLAIN = { pack: (state) => encodeURIComponent(JSON.stringify(state)), unpack: (text) => JSON.parse(decodeURIComponent(text)), most: 20000 };
export const PACKED = { pack, unpack, most: 100000 };

const MOST = 1500000; // characters of an unpacked state: a link may come from anybody

async function pack(state) {
  const text = JSON.stringify(state);
  if (typeof CompressionStream === "undefined") return PLAIN.pack(state);
  const bytes = new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"))).arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `z.${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

async function unpack(text) {
  if (!text.startsWith("z.")) return PLAIN.unpack(text);
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
