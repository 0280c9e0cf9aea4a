// The looks of menus and popovers.
export const MENU_POPUP =
  "popup min-w-52 rounded-xl border border-line bg-raised p-1.5 text-text shadow-float outline-none";
export const MENU_ITEM =
  "flex min-h-10 w-full items-center gap-3 rounded-lg px-3 text-[0.925rem] outline-none data-highlighted:bg-accent-soft data-highlighted:text-accent";
