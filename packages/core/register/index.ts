export type { BoardRecord, Place } from "./board.ts";
export type { Holder, Places, Resolution } from "./place.ts";
export { placeOf, placesOf, strangerName } from "./place.ts";
