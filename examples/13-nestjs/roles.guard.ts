import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';

export const Roles = (...roles: string[]) => SetMetadata('roles', roles);

/** Lets in whose header says a role that the handler names. (A real one would not believe a header.) */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const roles = this.reflector.get<string[] | undefined>('roles', context.getHandler()) ?? [];
    const { headers } = context.switchToHttp().getRequest<IncomingMessage>();
    return roles.includes(String(headers['x-role']));
  }
}
