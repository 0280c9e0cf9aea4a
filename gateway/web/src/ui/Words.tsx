// A sentence from the server: what it puts into backticks is literal text.
export function Words({ text }: { text: string }) {
  return text.split("`").map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts never change places
      <code key={index} className="font-mono text-[0.92em] break-all">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
