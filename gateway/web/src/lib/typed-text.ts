// A text box whose value lives in the address: writes after a pause in typing, follows changes from outside.
import { useEffect, useRef, useState } from "react";

export function useTypedText(value: string, commit: (text: string) => void, pauseMs: number) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  // Back, forward and links change the value from outside; never overwrite what is being typed.
  useEffect(() => {
    if (value !== sent.current) setText(value);
    sent.current = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const flush = (next: string) => {
    clearTimeout(timer.current);
    sent.current = next.trim();
    commit(next.trim());
  };
  const type = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => flush(next), pauseMs);
  };
  return { text, type, flush };
}
