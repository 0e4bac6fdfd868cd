import type { BootAnswer } from "@bramble/core/api";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { ToggleButtonGroup } from "react-aria-components/ToggleButtonGroup";
import type { LaneOrder } from "./lanes.ts";
import { orders } from "./lanes.ts";
import type { BootView } from "./view.ts";

/** What choosing needs. */
export type ChosenProps = {
  readonly view: BootView;
  /** What is shown, in words. */
  readonly words: string | null;
  readonly groups: BootAnswer["groups"];
  readonly order: LaneOrder;
  readonly onOrder: (order: LaneOrder) => void;
  readonly onView: (show: string | null, set: string | null) => void;
};

/** Which boards are shown, and in which order. */
export function Chosen({ view, words, groups, order, onOrder, onView }: ChosenProps): ReactNode {
  const set = view.kind === "set" ? view.set : "";
  const [typed, setTyped] = useState(set);
  useEffect(() => setTyped(set), [set]);
  const isGroup = groups.some(({ group }) => set === `@${group}`);
  const value = view.kind !== "set" ? view.kind : isGroup ? set : "set";
  return (
    <form
      className="chosen"
      onSubmit={(event) => {
        event.preventDefault();
        onView(null, typed.trim());
      }}
    >
      <label className="chosen-field">
        <span>Show</span>
        <select
          value={value}
          onChange={({ target }) => {
            const { value: to } = target;
            if (to.startsWith("@")) onView(null, to);
            else if (to !== "set") onView(to === "now" ? null : to, null);
          }}
        >
          <option value="now">what boots now{view.kind === "now" && words !== null ? `: ${words}` : ""}</option>
          <option value="stopped">all that stopped</option>
          <option value="all">all boards</option>
          {value === "set" && <option value="set">{set}</option>}
          {groups.map(({ group, boards, up, stopped }) => (
            <option key={group} value={`@${group}`}>
              {`group ${group}: ${up} of ${boards} up${stopped > 0 ? `, ${stopped} stopped` : ""}`}
            </option>
          ))}
        </select>
      </label>
      <label className="chosen-field">
        <span>or boards</span>
        <input
          value={typed}
          placeholder="@g03, b[1-42]"
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => setTyped(target.value)}
          onBlur={() => typed.trim() !== set && onView(null, typed.trim())}
        />
      </label>
      <ToggleButtonGroup
        className="segments"
        aria-label="Order"
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[order]}
        onSelectionChange={(keys) => {
          for (const key of keys) onOrder(key as LaneOrder);
        }}
      >
        {orders.map(({ id, label }) => (
          <ToggleButton key={id} id={id}>
            {label}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </form>
  );
}
