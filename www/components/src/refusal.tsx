import { isSeamHttpInvalidInputError } from "@seamapi/http";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

/**
 * Why the last thing that was asked for was refused. The components' forms only
 * say that a code could not be saved, whatever the reason is.
 */
export function Refusal() {
  const mutations = useQueryClient().getMutationCache();
  const [reason, setReason] = useState("");
  useEffect(
    () =>
      mutations.subscribe(({ type, mutation }) => {
        if (type !== "updated" || mutation === undefined) return;
        const { status, error } = mutation.state;
        setReason(status === "error" ? reasonOf(error) : "");
      }),
    [mutations],
  );
  return (
    <p role="alert" className="refusal">
      {reason}
    </p>
  );
}

function reasonOf(error: unknown): string {
  if (isSeamHttpInvalidInputError(error)) {
    for (const field of ["code", "name"]) {
      const [message] = error.getValidationErrorMessages(field);
      if (message !== undefined) return `Seam refused the ${field}: ${message}`;
    }
  }
  return error instanceof Error ? `Seam refused it: ${error.message}` : "";
}
