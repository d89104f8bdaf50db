/** The bodies that clients rely on, written down once more: the tests must not take the product's word for them. */

export interface FieldFault {
  field: string;
  code: string;
  message: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  requestId: string;
  errors?: FieldFault[];
}

export interface User {
  id: string;
  username: string;
  email: string;
  emailVerified: boolean;
  roles: string[];
  isActive: boolean;
  createdAt: string;
  updatedAt: string;
}

export interface Item {
  id: string;
  ownerId: string;
  title: string;
  description: string | null;
  price: string;
  quantity: number;
  status: 'draft' | 'active' | 'archived';
  tags: string[];
  version: number;
  createdAt: string;
  updatedAt: string;
}

export interface Token {
  accessToken: string;
  tokenType: string;
  expiresIn: number;
}

export interface AuditEvent {
  id: string;
  type: string;
  actorId: string | null;
  subjectId: string | null;
  ip: string | null;
  userAgent: string | null;
  requestId: string | null;
  details: Record<string, unknown>;
  createdAt: string;
}

export interface Page<T> {
  data: T[];
  page: { limit: number; nextCursor: string | null; total?: number };
}
