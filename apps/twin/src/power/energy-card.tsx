import type { PowerAnswer } from "@bramble/core/api";
import type { ReactNode } from "react";
import { whole } from "../parts/words.ts";
import { watts } from "./words.ts";

/** So many days are shown at once. */
const shownDays = 7;

/** Energy and its cost by the day, with the price that was counted with. */
export function EnergyCard({ power }: { power: PowerAnswer }): ReactNode {
  const { energy, pricePerKwh, watts: now } = power;
  const most = Math.max(...energy.map(({ kWh }) => kWh), 0.001);
  const perDay = now === null ? null : (now * 24) / 1000;
  return (
    <section className="card energy" aria-labelledby="energy-title">
      <h2 id="energy-title">Energy a day</h2>
      {perDay !== null && (
        <p>
          Now {watts(now!)}: <b>{kWhInWords(perDay)}</b> a day
          {pricePerKwh !== null && (
            <>
              , which costs <b>{(perDay * pricePerKwh).toFixed(2)}</b>
            </>
          )}
        </p>
      )}
      {energy.length === 0 && (
        <p className="quiet">
          {now === null
            ? "No outlet measures, so nothing can be counted."
            : "Counting has just begun: the first day stands here in a moment."}
        </p>
      )}
      {energy.length > 0 && (
        <table className="days">
          <thead>
            <tr>
              <th scope="col">day</th>
              <th scope="col">
                <span className="unseen">as a bar</span>
              </th>
              <th scope="col">energy</th>
              <th scope="col">cost</th>
            </tr>
          </thead>
          <tbody>
            {energy.slice(0, shownDays).map(({ day, kWh, cost, isMeasured }) => (
              <tr key={day}>
                <th scope="row">{day.slice(5)}</th>
                <td>
                  <span className="bar" aria-hidden="true">
                    <i className="bar-energy" style={{ width: `${(kWh / most) * 100}%` }} />
                  </span>
                </td>
                <td>
                  {kWhInWords(kWh)}
                  {!isMeasured && " by the file"}
                </td>
                <td>{cost === null ? "–" : cost.toFixed(2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="quiet energy-price">
        {pricePerKwh === null
          ? "No price is known: to see the cost, start the head with "
          : `Counted with ${pricePerKwh} a kWh, as the head was told by `}
        <code>--price-per-kwh{pricePerKwh === null ? " 0.31" : ""}</code>
      </p>
    </section>
  );
}

function kWhInWords(kWh: number): string {
  return `${kWh < 10 ? kWh.toFixed(2) : kWh < 100 ? kWh.toFixed(1) : whole(kWh)} kWh`;
}
