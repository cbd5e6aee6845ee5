import type { ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "../../gen/florin/auth/v1/auth_pb.js";

export const authService = (version: string): Partial<ServiceImpl<typeof AuthService>> => ({
  getServerInfo: () => ({ version }),
});
