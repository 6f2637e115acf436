/** The few elements of SVG that a plot needs, as text. */

type Attributes = Readonly<Record<string, string | number>>;

/** One element; `children` stand as they are. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => {
    return ` ${key}="${escaped(typeof value === "number" ? short(value) : value)}"`;
  });
  const open = `<${name}${written.join("")}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join("")}</${name}>`;
}

export function label(content: string, attributes: Attributes): string {
  return element("text", attributes, escaped(content));
}

/** A hundredth of a pixel is enough. */
function short(value: number): string {
  return `${Math.round(value * 100) / 100}`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
