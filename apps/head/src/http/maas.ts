import { ClusterError } from "@bramble/core/base";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyPluginAsync, FastifyReply } from "fastify";
import Type from "typebox";
import type { DeskAction, PowerDesk } from "../power-service/desk.ts";

const Board = Type.Object({ board: Type.String({ maxLength: 64 }) });
const Status = Type.Object({ status: Type.Enum(["running", "stopped", "unknown"]) });
const words = { on: "running", off: "stopped", unknown: "unknown" } as const;

/**
 * The webhook form of MAAS: three addresses a board, with the answers that its own patterns read
 * (`status.*\:.*running`, `status.*\:.*stopped`). It posts without a body, by bearer or basic token.
 */
export function maasRoutes({ desk }: { readonly desk: PowerDesk }): FastifyPluginAsync {
  return async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    app.addHook("onError", async (_request, reply, thrown) => {
      if (thrown instanceof ClusterError && thrown.code === "auth.required")
        void reply.header("www-authenticate", 'Basic realm="bramble"');
    });
    app.get(
      "/maas/:board/power",
      {
        config: { access: "viewer", takesBasic: true },
        schema: { tags: ["maas"], summary: "Has this board power?", params: Board, response: { 200: Status } },
      },
      async ({ params }) => ({ status: words[desk.stateOf(known(desk, params.board))] }),
    );
    for (const action of ["on", "off"] satisfies DeskAction[]) {
      app.post(
        `/maas/:board/${action}`,
        {
          config: { access: "operator", takesBasic: true },
          schema: {
            tags: ["maas"],
            summary: `Power ${action}${action === "off" ? ", at once" : ""}; refused where other boards would go dark`,
            params: Board,
            response: { 200: Status, 202: Status },
          },
        },
        async ({ params }, reply) => act(reply, { desk, action, board: known(desk, params.board) }),
      );
    }
  };
}

async function act(
  reply: FastifyReply,
  { desk, action, board }: { desk: PowerDesk; action: "on" | "off"; board: string },
): Promise<{ status: (typeof words)[keyof typeof words] }> {
  const answer = await desk.ask(action, [board], "maas");
  if (answer.kind === "refused") throw new ClusterError(answer.code, [...answer.reasons, ...answer.instead].join("; "));
  void reply.code(answer.kind === "started" ? 202 : 200);
  return { status: words[desk.stateOf(board)] };
}

function known(desk: PowerDesk, name: string): string {
  if (desk.board(name) === null) throw new ClusterError("board.unknown", `there is no board "${name.slice(0, 40)}"`);
  return name;
}
